# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Conformance
  # What the forms of the cases stand for.
  class Values
    BYTES = (0..255).map(&:chr).join.b.freeze

    def initialize(directory, things)
      @directory = directory
      @things = things
    end

    # Replaces ${NAME} everywhere in a string, list or object.
    def expand(value)
      case value
      when String then value.gsub(/\$\{(\w+)\}/) { named(Regexp.last_match(1)) }
      when Array then value.map { |item| expand(item) }
      when Hash then value.to_h { |key, item| [key, expand(item)] }
      else value
      end
    end

    # @return [String] the bytes that a piece of data stands for
    def data(form)
      form = expand(form)
      return form.b if form.is_a?(String)
      return [form.fetch("hex")].pack("H*") if form.keys == ["hex"]

      unit = form.key?("pattern") ? pattern(form) : form.fetch("repeat").b
      size = form.fetch("size")
      (unit * (size / unit.bytesize + 1)).byteslice(0, size)
    end

    def number(value) = Integer(expand(value))

    def signal(value) = value.is_a?(String) && value.match?(/\A\d+\z/) ? value.to_i : value

    private

    def named(name)
      return @directory if name == "tmp"

      thing = @things.fetch(name)
      (thing.is_a?(IO) ? thing.fileno : thing.pid).to_s
    end

    def pattern(form)
      raise "unknown pattern #{form['pattern']}" unless form["pattern"] == "bytes"

      BYTES
    end
  end
end
