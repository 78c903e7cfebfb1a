package dev.yibu.tests.adapters;

import java.util.EnumSet;
import java.util.Set;

/** The HTTP client keeps the contract over HTTP/1.1. */
class Http1ContractTest extends AdapterContract {
    @Override
    Subject open() {
        return HttpSubject.ofHttp1();
    }

    @Override
    Set<Phase> phases() {
        return EnumSet.allOf(Phase.class);
    }

    @Override
    boolean isResident(String threadName) {
        return OkHttpThreads.areShared(threadName);
    }

    @Override
    int residents() {
        return 16;
    }
}
