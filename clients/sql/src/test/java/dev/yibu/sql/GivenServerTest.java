package dev.yibu.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The environment variables that name servers for these tests: another JVM uses those of this one. */
@Timeout(180)
class GivenServerTest {
    @ParameterizedTest
    @EnumSource
    void a_server_that_a_variable_names_is_used_and_none_is_started(Server server, @TempDir Path folder)
            throws Exception {
        String mark = UUID.randomUUID().toString();
        server.execute(
                "drop table if exists given",
                "create table given (mark varchar(100))",
                "insert into given values ('" + mark + "')");
        server.createCarefulUser();
        Path output = folder.resolve("output");
        ProcessBuilder other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Other.class.getName(),
                        server.name())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        other.environment().put("YIBU_TEST_" + server.name(), server.url());

        int status = other.start().waitFor();

        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(status).as(said).isZero();
        assertThat(said).contains("the mark is " + mark);
        assertThat(folder.resolve("target"))
                .as("the folder of a server of its own")
                .doesNotExist();
    }

    /** What the other JVM runs. */
    static final class Other {
        private Other() {}

        public static void main(String[] args) throws Exception {
            Server server = Server.valueOf(args[0]);
            assertThat(server.isEmbedded()).isFalse();
            try (Database db = server.open(2)) {
                System.out.println("the mark is " + db.queryValue(String.class, "select mark from given"));
            }
            FaultTest faults = new FaultTest();
            faults.a_wrong_password(server);
            faults.a_connection_that_the_server_kills(server);
        }
    }
}
