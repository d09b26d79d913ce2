# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

# The examples print what those in C do: the same checker, the same expected output.
class GalleryTest < SubprocessTest
  EXAMPLES = File.expand_path("../examples", __dir__)
  CHECKER = File.expand_path("../../../tests/gallery/check_gallery.py", __dir__)
  EXPECTED = File.join(File.dirname(CHECKER), "expected")

  Dir.children(EXPECTED).map { |file| File.basename(file, ".txt") }.sort.each do |name|
    define_method(:"test_#{name}") do
      in_directory do |directory|
        make_program(directory, name)
        check = Sp.run("python3", CHECKER, "--programs", directory, "--expected", EXPECTED, name,
                       stdout: :pipe, stderr: :stdout, env: {"SP_TEST_LAUNCHER" => nil})
        assert check.success?, check.stdout
      end
    end
  end

  private

  # A program of the example's name; those that are children of others have no suffix.
  def make_program(directory, name)
    program = File.join(directory, name)
    example = File.join(EXAMPLES, name)
    return File.symlink(example, program) if File.exist?(example)

    command = Sp.quote(*ruby_command, "#{example}.rb")
    File.write(program, "#!/bin/sh\nexec #{command} \"$@\"\n", perm: 0o755)
  end
end
