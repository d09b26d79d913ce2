# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # The version of the gem, which is that of the C library that it was made for.
  VERSION = "0.1.0"
end
