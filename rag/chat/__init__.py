"""What the chat page needs and the pipeline does not: safe HTML, conversations that are kept, and who may ask."""
