// Counts a person's Ctrl-C (SIGINT) and SIGTERM, instead of dying of them.
#pragma once

namespace primacy {

// From here on the two signals only count. Call before other threads start; once.
void CountInterrupts();
// How many have come.
int Interrupts();

}  // namespace primacy
