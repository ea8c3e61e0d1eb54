// Later messages: server-sent events read with fetch, so that the token travels in a header and never in an address.

const FIRST_WAIT = 1000, LONGEST_WAIT = 15000;

/** Follow the stream for ever; `options` = {token(), after(), message(m), connected(bool), gone()}. */
export async function follow(options, signal) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      const after = options.after();
      const response = await fetch("/chat/api/events" + (after ? "?after=" + encodeURIComponent(after) : ""), {
        headers: { Authorization: "Bearer " + options.token(), Accept: "text/event-stream" }, cache: "no-store", signal,
      });
      if (response.status === 404 || response.status === 401) return options.gone();
      if (response.ok) {
        options.connected(true);
        wait = FIRST_WAIT;
        if (await readEvents(response.body, options.message)) return options.gone();
      }
    } catch (error) {
      if (signal.aborted) return;
    }
    options.connected(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** Resolves to whether the conversation is gone for good. */
async function readEvents(body, message) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return false;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      if (event.startsWith("event: gone")) return true;
      const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (data) message(JSON.parse(data));
    }
  }
}
