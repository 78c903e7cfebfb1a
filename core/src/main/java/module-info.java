/**
 * Yibu: structured asynchronous programs on virtual threads, with asyncio's vocabulary.
 *
 * <p>{@link dev.yibu.Async} is the face of the API. {@link dev.yibu.lowlevel} is the engine room below it, for authors
 * of adapters, of synchronisation primitives and of drivers. {@link dev.yibu.stream} has generators and what is done with their items.
 */
module dev.yibu {
    requires static transitive org.jspecify;

    exports dev.yibu;
    exports dev.yibu.lowlevel;
    exports dev.yibu.stream;
    exports dev.yibu.sync;
}
