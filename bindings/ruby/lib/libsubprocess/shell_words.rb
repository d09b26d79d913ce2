# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  class << self
    # Joins arguments into one line for a POSIX shell, quoting where needed.
    #   Libsubprocess.quote("grep", "two words") # => "grep 'two words'"
    # @return [String]
    def quote(*argv)
      line = Core.quote({argv: argv})
      line.force_encoding(argv.grep(String).first&.encoding || Encoding::UTF_8)
    end

    # Splits a line into arguments by the POSIX shell's quoting rules, without expansions.
    # @return [Array<String>]
    # @raise [ArgumentError] for an unfinished quotation
    def split(line)
      words = Core.split(line)
      words.each { |word| word.force_encoding(line.encoding) }
    end

    # Finds a program: the executable file that {#popen} would start.
    # @param path [String, nil] directories separated by `:`; nil: the `PATH` of this process
    # @return [String]
    # @raise [Errno::ENOENT, Errno::EACCES]
    def which(name, path: nil)
      Core.which(name, path).force_encoding(Encoding.find("filesystem"))
    end
  end
end
