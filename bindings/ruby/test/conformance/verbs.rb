# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require_relative "options"

module Conformance
  # The verbs of the cases, in terms of the public API. What a verb returns is a Result or the step's value.
  module Verbs
    VERBS = {
      "run" => %w[argv options], "check_output" => %w[argv options], "popen" => %w[as argv options],
      "pipeline" => %w[as stages options], "communicate" => %w[of input timeout_ms], "wait" => %w[of stage timeout_ms],
      "poll" => %w[of stage], "stop" => %w[of grace_ms], "send_signal" => %w[of stage signal], "terminate" => %w[of],
      "kill" => %w[of], "kill_group" => %w[of signal], "read" => %w[of stream size timeout_ms],
      "read_line" => %w[of stream timeout_ms], "read_all" => %w[of stream timeout_ms], "write" => %w[of data timeout_ms],
      "close_stream" => %w[of stream], "close" => %w[of], "token" => %w[as], "trigger" => %w[of], "reset" => %w[of],
      "thread" => %w[as steps], "join" => %w[of], "pause" => %w[ms], "write_file" => %w[path data mode],
      "read_file" => %w[path], "open_file" => %w[as path inheritable], "quote" => %w[argv], "split" => %w[line],
      "which" => %w[name path]
    }.freeze

    private

    def options(step) = Options.new(step["options"] || {}, @values, @things).keywords
    def argv(step) = @values.expand(step.fetch("argv"))
    def thing(step) = @things.fetch(step.fetch("of"))
    def child(step) = step.key?("stage") ? thing(step).stages.fetch(step["stage"]) : thing(step)
    def stream(step) = thing(step).public_send(step.fetch("stream"))
    def seconds(step) = step["timeout_ms"]&.fdiv(1000)
    def add(step, made) = @things[step.fetch("as")] = made

    def do_run(step)
      options = Options.new(step["options"] || {}, @values, @things)
      keywords = options.keywords
      @observed = options.observed
      Libsubprocess.run(*argv(step), **keywords)
    end

    def do_check_output(step) = Libsubprocess.check_output(*argv(step), **options(step))
    def do_popen(step) = add(step, Libsubprocess.popen(*argv(step), **options(step)))

    def do_pipeline(step)
      stages = step.fetch("stages").map { |stage| argv(stage) + (stage.key?("options") ? [options(stage)] : []) }
      add(step, Libsubprocess.pipeline(*stages, **options(step)))
    end

    def do_communicate(step)
      thing(step).communicate(step.key?("input") ? @values.data(step["input"]) : nil, timeout: seconds(step))
    end

    def do_wait(step) = child(step).wait(timeout: seconds(step))
    def do_poll(step) = child(step).poll
    def do_stop(step) = thing(step).stop(step.fetch("grace_ms").fdiv(1000))
    def do_send_signal(step) = child(step).send_signal(@values.signal(step.fetch("signal")))
    def do_terminate(step) = thing(step).terminate
    def do_kill(step) = thing(step).kill
    def do_kill_group(step) = thing(step).kill_group(@values.signal(step.fetch("signal")))

    def do_read(step)
      stream(step).readpartial(step.fetch("size"), timeout: seconds(step))
    rescue EOFError
      ""
    end

    def do_read_line(step) = stream(step).gets(timeout: seconds(step)) || ""
    def do_read_all(step) = stream(step).read(timeout: seconds(step))
    def do_write(step) = stream({"stream" => "stdin", **step}).write(@values.data(step.fetch("data")), timeout: seconds(step))
    def do_close_stream(step) = stream(step).close
    def do_close(step) = thing(step).close
    def do_token(step) = add(step, Libsubprocess::CancelToken.new)
    def do_trigger(step) = thing(step).trigger
    def do_reset(step) = thing(step).reset

    def do_thread(step)
      add(step, Thread.new { run(step.fetch("steps")) }.tap { |thread| thread.report_on_exception = false })
    end

    def do_join(step) = thing(step).value
    def do_pause(step) = IO.select(nil, nil, nil, step.fetch("ms").fdiv(1000))

    def do_write_file(step)
      path = @values.expand(step.fetch("path"))
      File.binwrite(path, @values.data(step.fetch("data")))
      File.chmod(step["mode"].to_i(8), path) if step.key?("mode")
    end

    def do_read_file(step) = File.binread(@values.expand(step.fetch("path")))

    def do_open_file(step)
      add(step, File.open(@values.expand(step.fetch("path")), "rb").tap { |file| file.close_on_exec = !step["inheritable"] })
    end

    def do_quote(step) = Libsubprocess.quote(*argv(step))
    def do_split(step) = Libsubprocess.split(@values.expand(step.fetch("line")))
    def do_which(step) = Libsubprocess.which(step.fetch("name"), path: @values.expand(step.fetch("path")))
  end
end
