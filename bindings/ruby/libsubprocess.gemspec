# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require_relative "lib/libsubprocess/version"

Gem::Specification.new do |spec|
  spec.name = "libsubprocess"
  spec.version = Libsubprocess::VERSION
  spec.summary = "Start and control child processes: time limits that hold, pipelines, errors that say what happened"
  spec.description = "Runs commands through libsubprocess, the C library of the same name, which has to be installed."
  spec.authors = ["The libsubprocess authors"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  # Those that `rake stage` has put together: C code that is generated, or shared with other languages, is not kept here.
  spec.files = Dir["lib/**/*.rb", "ext/libsubprocess/*.{c,h,rb}", "README.md", "LICENSE"]
  spec.extensions = ["ext/libsubprocess/extconf.rb"]
  spec.metadata = {"rubygems_mfa_required" => "true"}
end
