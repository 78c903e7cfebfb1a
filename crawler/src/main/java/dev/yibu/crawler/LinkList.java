package dev.yibu.crawler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The links of a page as stores keep them: one a line, compressed. */
final class LinkList {
    private static final int BUFFER = 8_192;

    /** No links. */
    static final LinkList EMPTY = new LinkList(new byte[0]);

    private final byte[] packed;

    private LinkList(byte[] packed) {
        this.packed = packed;
    }

    /** What goes into a store. */
    byte[] packed() {
        return packed;
    }

    static LinkList pack(List<URI> links) {
        StringBuilder lines = new StringBuilder(links.size() * 64);
        for (URI link : links) {
            lines.append(link).append('\n');
        }
        byte[] plain = lines.toString().getBytes(StandardCharsets.US_ASCII); // addresses are nothing else
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
            deflater.setInput(plain);
            deflater.finish();
            ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 4 + 16);
            byte[] buffer = new byte[BUFFER];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
            return new LinkList(packed.toByteArray());
        }
    }

    static List<URI> unpack(byte[] packed) {
        if (packed.length == 0) {
            return List.of();
        }
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(packed);
            ByteArrayOutputStream plain = new ByteArrayOutputStream(packed.length * 4);
            byte[] buffer = new byte[BUFFER];
            while (!inflater.finished()) {
                int length = inflater.inflate(buffer);
                if (length == 0 && !inflater.finished()) {
                    throw new UncheckedIOException(new IOException("the links of a page are cut off"));
                }
                plain.write(buffer, 0, length);
            }
            return plain.toString(StandardCharsets.US_ASCII)
                    .lines()
                    .map(URI::create)
                    .toList();
        } catch (DataFormatException e) {
            throw new UncheckedIOException(new IOException("the links of a page are damaged", e));
        }
    }
}
