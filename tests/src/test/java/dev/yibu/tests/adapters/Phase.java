package dev.yibu.tests.adapters;

/** How far an operation of an adapter has got. */
public enum Phase {
    /** All places of the pool are taken. The contract gets an operation there by itself. */
    WAITING_FOR_THE_POOL,
    /** The peer's host does not answer. */
    CONNECTING,
    /** Connected, but the peer does not go on with the handshake. */
    TLS_HANDSHAKE,
    /** The peer does not read. */
    WRITING_THE_BODY,
    /** The peer has the question and is silent. */
    WAITING_FOR_THE_ANSWER,
    /** The peer has sent a part of the answer. */
    READING_THE_BODY
}
