"""Files as rows, whatever wrote them and wherever they lie: what the kinds of source share."""
