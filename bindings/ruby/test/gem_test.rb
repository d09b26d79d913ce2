# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

# What a user does: installs the C library, builds the gem, installs it, and runs the example of the README.
class GemTest < SubprocessTest
  RUBY = File.expand_path("..", __dir__)
  README = File.read(File.join(RUBY, "README.md"))

  def test_installed_gem_runs_the_example
    in_directory do |directory|
      install_library("#{directory}/prefix")
      do_quietly("rake", "gem", "PKG=#{directory}/pkg", cwd: RUBY)
      gem = Dir.glob("#{directory}/pkg/*.gem").fetch(0)
      environment = environment(directory)
      do_quietly("gem", "install", "--local", "--no-document", gem, env: environment)
      example = code("ruby").tap { |text| File.write("#{directory}/example.rb", text) }
      assert_includes example, "require \"libsubprocess\""
      assert_equal code("text"), do_quietly(RbConfig.ruby, "-w", "#{directory}/example.rb", env: environment, cwd: directory)
      assert_equal Libsubprocess::VERSION, Sp.version
    end
  end

  private

  def code(language) = README[/^```#{language}\n(.*?)^```$/m, 1]

  def install_library(prefix)
    build = ENV.fetch("SP_BINARY_DIR")
    do_quietly("cmake", "--install", build, "--prefix", prefix)
  end

  # Nothing but what was installed: no load path of the build tree, no other gems.
  def environment(directory)
    prefix = "#{directory}/prefix"
    libraries = File.dirname(Dir.glob("#{prefix}/**/libsubprocess.so").fetch(0))
    {"GEM_HOME" => "#{directory}/gems", "GEM_PATH" => "#{directory}/gems", "RUBYLIB" => nil, "RUBYOPT" => nil,
     "PKG_CONFIG_PATH" => "#{libraries}/pkgconfig", "LD_LIBRARY_PATH" => libraries}
  end

  def do_quietly(*command, **options)
    Sp.check_output(*command, stderr: :stdout, encoding: "UTF-8", **options)
  rescue Sp::CalledProcessError => e
    flunk "#{Sp.quote(*command)}: #{e.sentence}\n#{e.stdout}"
  end
end
