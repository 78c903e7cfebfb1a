package dev.yibu.cli;

import static dev.yibu.Async.blocking;

import dev.yibu.crawler.Page;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages as JSON, one a line, each written in full before the next. */
final class PageFile implements AutoCloseable {
    private final Writer file;

    PageFile(Path path) throws IOException {
        file = Files.newBufferedWriter(path, StandardCharsets.UTF_8);
    }

    void write(Page page) throws IOException {
        String line = json(page);
        blocking(() -> {
            file.write(line);
            file.flush();
        });
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    static String json(Page page) {
        StringBuilder json = new StringBuilder(256);
        json.append("{\"url\":");
        quote(json, page.url().toString());
        json.append(",\"status\":").append(page.status()).append(",\"title\":");
        quote(json, page.title());
        json.append(",\"bytes\":").append(page.bytes());
        json.append(",\"links\":").append(page.links().size());
        json.append(",\"depth\":").append(page.depth());
        json.append(",\"millis\":").append(page.elapsed().toMillis()).append(",\"error\":");
        if (page.error().isPresent()) {
            quote(json, page.error().get());
        } else {
            json.append("null");
        }
        return json.append("}\n").toString();
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean loneSurrogate = Character.getType(c) == Character.SURROGATE;
            if (c == '"' || c == '\\') {
                json.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c == 127 || loneSurrogate) {
                json.append("\\u%04x".formatted(c));
            } else {
                json.appendCodePoint(c);
            }
            i += Character.charCount(c);
        }
        json.append('"');
    }
}
