"""How the rules are compiled; nothing here needs to be touched to change one."""
