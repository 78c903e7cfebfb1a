/** The program behind the {@code yibu} launcher: {@link dev.yibu.cli.Main} and a class for each command. */
@NullMarked
package dev.yibu.cli;

import org.jspecify.annotations.NullMarked;
