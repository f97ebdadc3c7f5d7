"""What all browser tests do."""


def visit(tab, chat):
    """Open the page and wait until it has its first content."""
    tab.goto(chat.url)
    tab.locator(".welcome").wait_for()


def ask(tab, question):
    """Ask, and wait until the answer is whole."""
    turns = tab.locator(".turn").count()
    put(tab, question)
    tab.locator(".turn").nth(turns).wait_for()
    settled(tab)


def put(tab, question):
    """Ask, and don't wait."""
    tab.fill("#message textarea", question)
    tab.press("#message textarea", "Enter")


def settled(tab):
    """Wait until the latest answer is whole."""
    tab.wait_for_selector("#current .turn:not(.running) .actions")
