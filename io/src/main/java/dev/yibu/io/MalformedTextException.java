package dev.yibu.io;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * A file's bytes are no text in the charset in which it was read, or a text can't be written in it. Says where, as the
 * JDK's {@link java.nio.charset.MalformedInputException} does not.
 */
public final class MalformedTextException extends CharacterCodingException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    private final String message;

    /** Where, in bytes of the file or characters of the text. */
    private final long offset;

    private MalformedTextException(String message, long offset) {
        this.message = message;
        this.offset = offset;
    }

    static MalformedTextException read(Path path, Charset charset, long offset, long line) {
        return new MalformedTextException(
                path + ": the bytes at offset " + offset + ", in line " + line + ", are not " + charset
                        + "; name the charset that the file has",
                offset);
    }

    static MalformedTextException written(Path path, Charset charset, long offset) {
        return new MalformedTextException(
                path + ": the character at index " + offset + " of the text can't be written in " + charset
                        + "; nothing was written",
                offset);
    }

    /**
     * Where it was found.
     *
     * @return the offset in the file, in bytes, when reading; the index in the text, in characters, when writing
     */
    public long offset() {
        return offset;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
