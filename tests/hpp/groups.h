// SPDX-License-Identifier: MIT
//
// One function a file: runs its tests and returns how many failed.
#pragma once

int running_tests();
int options_tests();
int process_tests();
int lifetime_tests();
int callback_tests();
int pipeline_tests();
int text_tests();
