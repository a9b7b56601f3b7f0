"""How much a page brings along when somebody opens it for the first time, and from where."""

import gzip

#: Compressed as the product sends it: style sheets, scripts and drawings squeezed, pages as they are.
MOST = 350_000
SQUEEZED = ("css", "javascript", "svg", "json")


def first_load(page, base: str, address: str) -> list[str]:
    """What is wrong with the first load of a page; charts are not counted."""
    answers: list = []
    page.goto("about:blank")  # nothing of the page before is still under way
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    hear = lambda answer: answers.append(answer)  # noqa: E731
    page.on("response", hear)
    page.goto(base + address, wait_until="load")
    sizes = {}
    for answer in answers:
        if answer.status == 200 and "echarts" not in answer.url:
            body = answer.body()
            kind = answer.headers.get("content-type", "")
            sizes[answer.url] = len(gzip.compress(body, 6)) if any(k in kind for k in SQUEEZED) else len(body)
    wire.detach()
    page.remove_listener("response", hear)
    wrong = [
        f"from another host: {answer.url}" for answer in answers if not answer.url.startswith((base, "data:", "blob:"))
    ]
    if (total := sum(sizes.values())) > MOST:
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
        wrong.append(f"{total} bytes: " + ", ".join(f"{url.rsplit('/', 1)[-1]} {size}" for url, size in largest))
    return wrong
