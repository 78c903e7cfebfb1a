/** Tests of asynchronous code in virtual time, and the search of its interleavings for races, deadlocks and leaks. */
module dev.yibu.testkit {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
    requires transitive org.junit.jupiter.api;
    requires jdk.management;

    exports dev.yibu.testkit;
}
