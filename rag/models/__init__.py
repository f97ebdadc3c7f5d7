"""Models, one file each: what embeds and what writes."""
