// Trades the code behind the # for a cookie. The code leaves the address bar
// at once, so that it is neither in the history nor in a bookmark.
const status = document.getElementById("status");
const code = location.hash.slice(1);
history.replaceState(null, "", "/login");

async function enter() {
  if (!code) {
    status.textContent = "This page needs the link that “arf serve” printed.";
    return;
  }
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (response.ok) {
    location.replace("/");
    return;
  }
  const problem = await response.json();
  status.textContent = `${problem.detail}. ${problem.hint}`;
}

enter().catch(() => {
  status.textContent = "The server does not answer. Is “arf serve” still running?";
});
