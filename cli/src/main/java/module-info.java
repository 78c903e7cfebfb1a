/** The program behind the {@code yibu} launcher, which starts it from the class path; nothing depends on it. */
module dev.yibu.cli {
    requires dev.yibu;
    requires dev.yibu.crawler;
    requires info.picocli;
    requires java.compiler;
    requires java.logging;
    requires jdk.compiler;
    requires jdk.httpserver;
    requires static org.jspecify;

    exports dev.yibu.cli to
            java.logging;

    opens dev.yibu.cli to
            info.picocli;
}
