// SPDX-License-Identifier: MIT
//
// One function a file: runs its tests and returns how many failed.
#pragma once

int command_tests();
int orphans_tests();
int shell_words_tests();
