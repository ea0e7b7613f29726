// Memory that the process holds and does not need.
#pragma once

namespace bottleneck {

/// Gives back free pages of the heap, and unmaps the pages of the program and its libraries that nobody has
/// written to: most of those were touched by the start alone (symbols, command line, configuration, TLS of
/// libraries). The page cache keeps them, and what is used again is mapped again: about 0.2 ms of CPU in all.
/// Any thread; the others may run meanwhile.
void give_back_memory();

}  // namespace bottleneck
