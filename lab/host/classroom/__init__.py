"""The class at work: who is there, all seats at once, the chat's transcript, drills, and what is graded."""
