package dev.yibu.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/** Takes the place of an output stream: passes everything on as it comes, with a margin, and remembers it. */
final class Transcript extends OutputStream {
    private final PrintStream target;
    private final byte[] margin;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean atLineStart = true;
    private boolean muted;

    Transcript(PrintStream target, String margin) {
        this.target = target;
        this.margin = margin.getBytes(target.charset());
    }

    /** What a program is to see as its System.out or System.err. */
    PrintStream stream() {
        return new PrintStream(this, true, target.charset());
    }

    /** Begins anew; a muted one passes nothing on. */
    synchronized void begin(boolean mute) {
        written.reset();
        muted = mute;
    }

    /** Ends a line that the program has left open. */
    synchronized void endLine() {
        if (!atLineStart) {
            target.println();
            atLineStart = true;
        }
    }

    synchronized List<String> lines() {
        return written.toString(target.charset()).lines().toList();
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        written.write(bytes, offset, length);
        if (muted) {
            return;
        }
        for (int i = offset; i < offset + length; i++) {
            if (atLineStart) {
                target.write(margin, 0, margin.length);
            }
            target.write(bytes[i]);
            atLineStart = bytes[i] == '\n';
        }
        target.flush();
    }
}
