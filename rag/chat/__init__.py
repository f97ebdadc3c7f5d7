"""What the chat page needs and the pipeline does not: safe HTML, conversations that are kept, and who may ask."""

import os

# Gradio reads this while it is imported, and would else ask its maker's server for its newest version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
