package dev.yibu.io;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Path;

/** Text to bytes and back, without replacement characters. */
final class Text {
    private static final char REPLACEMENT = '\uFFFD';

    private Text() {}

    static CharsetDecoder strictDecoder(Charset charset) {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    static String decode(Path path, byte[] bytes, Charset charset) throws CharacterCodingException {
        // The quick way replaces what it can't decode. Whether it did, or the file says U+FFFD, is for the slow way to
        // tell.
        String text = new String(bytes, charset);
        if (text.indexOf(REPLACEMENT) >= 0) {
            check(path, bytes, charset);
        }
        return text;
    }

    private static void check(Path path, byte[] bytes, Charset charset) throws CharacterCodingException {
        CharsetDecoder decoder = strictDecoder(charset);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(8192);
        long line = 1;
        CoderResult result;
        do {
            result = decoder.decode(in, out, true);
            line += newLines(out.flip());
            out.clear();
        } while (result.isOverflow());
        if (result.isError()) {
            throw MalformedTextException.read(path, charset, in.position(), line);
        }
    }

    private static long newLines(CharBuffer chars) {
        return chars.chars().filter(c -> c == '\n').count();
    }

    static ByteBuffer encode(Path path, CharSequence text, Charset charset) throws CharacterCodingException {
        CharsetEncoder encoder = charset.newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer in = CharBuffer.wrap(text.toString().toCharArray()); // an array is encoded faster than a string
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(Math.min(
                Integer.MAX_VALUE - 8,
                (long) Math.ceil(in.remaining() * (double) encoder.averageBytesPerChar()) + 16)));
        while (true) {
            CoderResult result = encoder.encode(in, out, true);
            if (result.isUnderflow()) {
                result = encoder.flush(out);
            }
            if (result.isUnderflow()) {
                return out.flip();
            }
            if (result.isError()) {
                throw MalformedTextException.written(path, charset, in.position());
            }
            long larger = Math.min(Integer.MAX_VALUE - 8, 2L * out.capacity() + 16);
            out = ByteBuffer.allocate((int) larger).put(out.flip());
        }
    }
}
