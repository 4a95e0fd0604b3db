// Tabs of the same browser tell each other that something has happened.

const channel = new BroadcastChannel("autoresumefiller");

/** @typedef {"jobs" | "data"} Topic */

/** @param {Topic} topic what the others should look at again */
export const tellTabs = (topic) => channel.postMessage(topic);

/** @param {Topic} topic @param {() => void} listener */
export function onTabs(topic, listener) {
  channel.addEventListener("message", (event) => {
    if (event.data === topic) listener();
  });
}
