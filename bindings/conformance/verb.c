/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case.h"

static void give_number(step *step, int64_t number) {
  step->value_kind = NUMBER_VALUE;
  step->number = number;
}

/* Keeps a copy. */
static void give_bytes(step *step, const void *data, size_t size) {
  step->value_kind = BYTES_VALUE;
  step->data = joined(&step->scope, (bytes){NULL, 0}, (bytes){(char *)data, size});
}

static void give_memory(step *step, char *memory, size_t size) {
  if (step->code == SP_OK) give_bytes(step, memory, size);
  sp_mem_free(memory);
}

/* The result of a call that returns either a size or a code. */
static void give_size(step *step, int64_t size) {
  step->code = size < 0 ? (int)size : SP_OK;
  if (size >= 0) give_number(step, size);
}

/* The process that is meant, or the stage of it; never NULL, because a step that names none has failed before. */
static sp_process *process_of(step *step) {
  const thing *found = thing_of(step, THING_PROCESS);
  json_t *stage = json_object_get(step->spec, "stage");
  if (found == NULL || stage == NULL) return found != NULL ? found->process : NULL;
  sp_process *process = sp_stage_at(found->process, (size_t)json_integer_value(stage));
  if (process == NULL) step_fail(step, "there is no such stage");
  return process;
}

static const char **own_argv(step *step) { return argv_of(step, json_object_get(step->spec, "argv")); }
static sp_options *own_options(step *step) { return options_of(step, json_object_get(step->spec, "options")); }

static void verb_run(step *step) {
  const char **argv = own_argv(step);
  const sp_options *options = own_options(step);
  if (step->failure == NULL) step->code = sp_run(argv, options, &step->result, &step->err);
}

static void verb_check_output(step *step) {
  char *output = NULL;
  size_t size = 0;
  const char **argv = own_argv(step);
  const sp_options *options = own_options(step);
  if (step->failure != NULL) return;
  step->code = sp_check_output(argv, options, &output, &size, &step->err);
  give_memory(step, output, size);
}

static void verb_popen(step *step) {
  const char **argv = own_argv(step);
  const sp_options *options = own_options(step);
  sp_process *process = NULL;
  if (step->failure != NULL) return;
  step->code = sp_popen(argv, options, &process, &step->err);
  if (step->code != SP_OK) return;
  thing *made = make_thing(step, THING_PROCESS);
  if (made != NULL) made->process = process;
}

static void verb_pipeline(step *step) {
  json_t *stages = json_object_get(step->spec, "stages");
  const size_t count = json_array_size(stages);
  sp_command *commands = scope_alloc(&step->scope, count * sizeof *commands);
  for (size_t i = 0; i < count; i++) {
    json_t *options = json_object_get(json_array_get(stages, i), "options");
    commands[i].argv = argv_of(step, json_object_get(json_array_get(stages, i), "argv"));
    commands[i].options = options != NULL ? options_of(step, options) : NULL;
  }
  const sp_options *options = own_options(step);
  sp_process *process = NULL;
  if (step->failure != NULL) return;
  step->code = sp_pipeline(commands, count, options, &process, &step->err);
  if (step->code != SP_OK) return;
  thing *made = make_thing(step, THING_PROCESS);
  if (made != NULL) made->process = process;
}

static void verb_communicate(step *step) {
  json_t *data = json_object_get(step->spec, "input");
  const bytes input = data != NULL ? data_of(step, data) : (bytes){NULL, 0};
  step->code =
      sp_communicate(process_of(step), input.data, input.size, limit_at(step, "timeout_ms"), &step->result, &step->err);
}

static void verb_wait(step *step) {
  int64_t returncode = SP_NO_RETURNCODE;
  step->code = sp_wait(process_of(step), limit_at(step, "timeout_ms"), &returncode, &step->err);
  give_number(step, returncode);
}

static void verb_poll(step *step) {
  int64_t returncode = SP_NO_RETURNCODE;
  const int answer = sp_poll(process_of(step), &returncode);
  step->code = answer < 0 ? answer : SP_OK;
  give_number(step, returncode);
  if (answer == 0) step->value_kind = NULL_VALUE;
}

static void verb_stop(step *step) {
  int64_t returncode = SP_NO_RETURNCODE;
  step->code = sp_stop(process_of(step), limit_at(step, "grace_ms"), &returncode, &step->err);
  give_number(step, returncode);
}

static int own_signal(step *step) { return signal_of(step, json_object_get(step->spec, "signal")); }

static void verb_send_signal(step *step) {
  step->code = sp_send_signal(process_of(step), own_signal(step), &step->err);
}

static void verb_kill_group(step *step) { step->code = sp_kill_group(process_of(step), own_signal(step), &step->err); }

static void verb_terminate(step *step) { step->code = sp_terminate(process_of(step), &step->err); }
static void verb_kill(step *step) { step->code = sp_kill(process_of(step), &step->err); }

static void verb_read(step *step) {
  const size_t size = (size_t)json_integer_value(json_object_get(step->spec, "size"));
  void *room = scope_alloc(&step->scope, size);
  give_size(step, sp_read(process_of(step), stream_at(step), room, size, limit_at(step, "timeout_ms"), &step->err));
  if (step->code == SP_OK) give_bytes(step, room, (size_t)step->number);
}

static void verb_read_line(step *step) {
  const char *line = NULL;
  size_t size = 0;
  step->code = sp_read_line(process_of(step), stream_at(step), limit_at(step, "timeout_ms"), &line, &size, &step->err);
  if (step->code == SP_OK) give_bytes(step, line, size);
}

static void verb_read_all(step *step) {
  char room[4096];
  int64_t size = 0;
  give_bytes(step, "", 0);
  while ((size = sp_read(process_of(step), stream_at(step), room, sizeof room, limit_at(step, "timeout_ms"),
                         &step->err)) > 0) {
    step->data = joined(&step->scope, step->data, (bytes){room, (size_t)size});
  }
  step->code = (int)size;
}

static void verb_write(step *step) {
  const bytes data = data_of(step, json_object_get(step->spec, "data"));
  give_size(step, sp_write(process_of(step), data.data, data.size, limit_at(step, "timeout_ms"), &step->err));
}

static void verb_close_stream(step *step) { step->code = sp_close_stream(process_of(step), stream_at(step)); }

static void verb_close(step *step) {
  thing *process = thing_of(step, THING_PROCESS);
  if (process == NULL) return;
  step->code = sp_close(process->process);
  process->closed = true;
}

static void verb_token(step *step) {
  thing *made = make_thing(step, THING_TOKEN);
  if (made != NULL) step->code = sp_cancel_new(&made->token, &step->err);
}

static void verb_trigger(step *step) {
  const thing *token = thing_of(step, THING_TOKEN);
  if (token != NULL) sp_cancel_trigger(token->token);
}

static void verb_reset(step *step) {
  const thing *token = thing_of(step, THING_TOKEN);
  if (token != NULL) sp_cancel_reset(token->token);
}

static void *thread_main(void *arg) {
  thing *thread = arg;
  thread->failure = run_steps(thread->owner, thread->steps);
  return NULL;
}

static void verb_thread(step *step) {
  thing *made = make_thing(step, THING_THREAD);
  if (made == NULL) return;
  made->steps = json_object_get(step->spec, "steps");
  if (pthread_create(&made->thread, NULL, thread_main, made) == 0) return;
  made->joined = true;
  step_fail(step, "no thread could be started");
}

static void verb_join(step *step) {
  thing *thread = thing_of(step, THING_THREAD);
  if (thread == NULL) return;
  pthread_join(thread->thread, NULL);
  thread->joined = true;
  if (thread->failure != NULL) step_fail(step, "in the thread: %s", thread->failure);
}

/* No event tells that another thread has gone to sleep in a call. */
static void verb_pause(step *step) { poll(NULL, 0, (int)json_integer_value(json_object_get(step->spec, "ms"))); }

static void verb_write_file(step *step) {
  const bytes data = data_of(step, json_object_get(step->spec, "data"));
  const char *path = string_at(step, "path");
  json_t *mode = json_object_get(step->spec, "mode");
  FILE *file = fopen(path, "wbe");
  bool written = file != NULL && fwrite(data.data, 1, data.size, file) == data.size;
  written = file != NULL && fclose(file) == 0 && written;
  if (mode != NULL) written = chmod(path, (mode_t)strtoul(json_string_value(mode), NULL, 8)) == 0 && written;
  if (!written) step_fail(step, "%s: %s", path, strerror(errno));
}

static void verb_read_file(step *step) {
  const char *path = string_at(step, "path");
  char room[4096];
  FILE *file = fopen(path, "rbe");
  if (file != NULL) give_bytes(step, room, fread(room, 1, sizeof room, file));
  if (file == NULL || step->data.size == sizeof room || fclose(file) != 0)
    step_fail(step, "%s: cannot be read, or is too large", path);
}

static void verb_open_file(step *step) {
  thing *made = make_thing(step, THING_FILE);
  const int cloexec = json_is_true(json_object_get(step->spec, "inheritable")) ? 0 : O_CLOEXEC;
  if (made == NULL) return;
  made->fd = open(string_at(step, "path"), O_RDONLY | cloexec);
  if (made->fd < 0) step_fail(step, "%s", strerror(errno));
}

static void verb_quote(step *step) {
  char *line = NULL;
  step->code = sp_quote(own_argv(step), &line, &step->err);
  give_memory(step, line, line != NULL ? strlen(line) : 0);
}

static void verb_split(step *step) {
  step->code = sp_split(string_at(step, "line"), &step->list, &step->err);
  step->value_kind = LIST_VALUE;
}

static void verb_which(step *step) {
  char *path = NULL;
  step->code = sp_which(string_at(step, "name"), string_at(step, "path"), &path, &step->err);
  give_memory(step, path, path != NULL ? strlen(path) : 0);
}

static const struct {
  const char *name;
  void (*function)(step *step);
} verbs[] = {
    {"run", verb_run},
    {"check_output", verb_check_output},
    {"popen", verb_popen},
    {"pipeline", verb_pipeline},
    {"communicate", verb_communicate},
    {"wait", verb_wait},
    {"poll", verb_poll},
    {"stop", verb_stop},
    {"send_signal", verb_send_signal},
    {"terminate", verb_terminate},
    {"kill", verb_kill},
    {"kill_group", verb_kill_group},
    {"read", verb_read},
    {"read_line", verb_read_line},
    {"read_all", verb_read_all},
    {"write", verb_write},
    {"close_stream", verb_close_stream},
    {"close", verb_close},
    {"token", verb_token},
    {"trigger", verb_trigger},
    {"reset", verb_reset},
    {"thread", verb_thread},
    {"join", verb_join},
    {"pause", verb_pause},
    {"write_file", verb_write_file},
    {"read_file", verb_read_file},
    {"open_file", verb_open_file},
    {"quote", verb_quote},
    {"split", verb_split},
    {"which", verb_which},
};

void perform(step *step) {
  const char *name = json_string_value(json_object_get(step->spec, "do"));
  for (size_t i = 0; name != NULL && i < sizeof verbs / sizeof *verbs; i++) {
    if (strcmp(verbs[i].name, name) != 0) continue;
    verbs[i].function(step);
    return;
  }
  step_fail(step, "no verb is called that");
}
