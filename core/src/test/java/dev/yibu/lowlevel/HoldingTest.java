package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HoldingTest {
    private final List<String> abandoned = new ArrayList<>();

    private final class Thing extends Holding {
        private final String name;

        Thing(String name) {
            this.name = name;
        }

        @Override
        protected void abandoned(Strand holder) {
            abandoned.add(name + " by " + holder.id());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Strand strand() {
        return new Strand(Driver.real(), null, Context.EMPTY);
    }

    @Test
    void what_a_strand_has_is_listed_newest_first_and_can_be_let_go_in_any_order() {
        Strand strand = strand();
        List<Thing> things = List.of(new Thing("a"), new Thing("b"), new Thing("c"), new Thing("d"));
        things.forEach(strand::hold);
        assertThat(strand.holdings()).hasToString("[d, c, b, a]");
        strand.letGo(things.get(1));
        assertThat(strand.holdings()).hasToString("[d, c, a]");
        strand.letGo(things.get(3));
        strand.letGo(things.get(0));
        assertThat(strand.holdings()).hasToString("[c]");
        strand.hold(things.get(1));
        strand.letGo(things.get(2));
        strand.letGo(things.get(1));
        assertThat(strand.holdings()).isEmpty();
    }

    @Test
    void what_is_left_when_the_body_is_over_is_abandoned() {
        Strand strand = strand();
        Thing kept = new Thing("kept");
        Thing returned = new Thing("returned");
        strand.runAsRoot(() -> {
            strand.hold(kept);
            strand.hold(returned);
            strand.hold(new Thing("newest"));
            strand.letGo(returned);
            return 1;
        });
        assertThat(abandoned).containsExactly("newest by " + strand.id(), "kept by " + strand.id());
        assertThat(strand.holdings()).isEmpty();
        Strand next = strand();
        next.hold(kept);
        assertThat(next.holdings()).containsExactly(kept);
    }

    @Test
    void one_strand_has_it_at_a_time() {
        Strand one = strand();
        Strand other = strand();
        Thing thing = new Thing("thing");
        one.hold(thing);
        assertThatIllegalStateException().isThrownBy(() -> other.hold(thing));
        assertThatIllegalStateException().isThrownBy(() -> one.hold(thing));
        assertThatIllegalStateException().isThrownBy(() -> other.letGo(thing));
        one.letGo(thing);
        assertThatIllegalStateException().isThrownBy(() -> one.letGo(thing));
    }

    @Test
    void a_strand_is_its_own_principal_unless_it_works_for_another() {
        Strand caller = strand();
        Strand worker = new Strand(Driver.real(), caller, Context.EMPTY);
        Strand below = new Strand(Driver.real(), worker, Context.EMPTY);
        Strand child = new Strand(Driver.real(), caller, Context.EMPTY);
        caller.helper(worker);
        worker.helper(below);
        assertThat(caller.principal()).isSameAs(caller);
        assertThat(worker.principal()).isSameAs(caller);
        assertThat(below.principal()).isSameAs(caller);
        assertThat(child.principal()).isSameAs(child);
        assertThat(below.holder()).isSameAs(caller);
    }

    @Test
    void what_a_thread_from_outside_acquires_in_a_call_is_the_threads() {
        assertThat(Strand.<Object, RuntimeException>attached(
                        () -> Strand.current().holder()))
                .isSameAs(Thread.currentThread());
    }
}
