package dev.yibu.tests.adapters;

import dev.yibu.tests.adapters.LineClient.Fault;
import java.util.EnumSet;
import java.util.Set;

/** The least adapter keeps the contract. */
class LineClientContractTest extends AdapterContract {
    @Override
    Subject open() {
        return new LineSubject(Fault.NONE);
    }

    @Override
    Set<Phase> phases() {
        return EnumSet.allOf(Phase.class);
    }
}
