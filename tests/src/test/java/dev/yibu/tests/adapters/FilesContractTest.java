package dev.yibu.tests.adapters;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Reading files keeps the contract. Writing is no phase of it: what changes something is waited for, whoever is cancelled.
 */
class FilesContractTest extends AdapterContract {
    @Override
    Subject open() throws IOException {
        return new FilesSubject();
    }

    @Override
    Set<Phase> phases() {
        return EnumSet.of(
                Phase.WAITING_FOR_THE_POOL, Phase.CONNECTING, Phase.WAITING_FOR_THE_ANSWER, Phase.READING_THE_BODY);
    }
}
