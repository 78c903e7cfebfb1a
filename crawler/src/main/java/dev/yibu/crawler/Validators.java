package dev.yibu.crawler;

/** By what a server recognises a version of a page; empty where it gave none. */
record Validators(String etag, String lastModified) {
    static final Validators NONE = new Validators("", "");
    private static final int LONGEST = 1_000;

    Validators {
        // Cut off, they would name another version.
        etag = etag.length() > LONGEST ? "" : Characters.clean(etag, LONGEST);
        lastModified = lastModified.length() > LONGEST ? "" : Characters.clean(lastModified, LONGEST);
    }

    boolean isEmpty() {
        return etag.isEmpty() && lastModified.isEmpty();
    }
}
