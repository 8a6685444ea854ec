"""Contract tests that discover every variant by themselves; a plug-in's author runs them too."""
