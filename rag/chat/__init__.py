"""The chat page: safe HTML, saved conversations, and access control."""

import os

# Gradio reads this on import; without it, it asks its maker's server for the newest version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
