// The only file that names every stage; owns threads and shutdown.
#pragma once

#include <string>

#include "exporter/config/command_line.h"

namespace bottleneck {

/// What --version prints.
std::string version_text();

/// Runs the command; returns the exit code: 0, 1 when it failed, 2 when configuration or arguments are wrong.
int run_command(const CommandLine& line);

/// The last step: 1 and a message when standard output could not take what was printed, else `exit_code`.
int finish_output(int exit_code);

}  // namespace bottleneck
