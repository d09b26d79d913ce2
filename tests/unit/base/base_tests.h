// SPDX-License-Identifier: MIT
//
// One function a file: runs its tests and returns how many failed.
#pragma once

int bytes_tests();
int deadline_tests();
int error_tests();
int string_vector_tests();
