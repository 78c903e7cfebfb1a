/**
 * Files for {@link dev.yibu} tasks. Begin with {@link dev.yibu.io.AsyncFiles}: whole files, lines, chunks, many files at
 * once, replacement all at once, folders. {@link dev.yibu.io.AsyncFile} is an open file, {@link dev.yibu.io.Temporary} one
 * that goes away at the end of its block. None of them keeps a task waiting that needs no file.
 */
@NullMarked
package dev.yibu.io;

import org.jspecify.annotations.NullMarked;
