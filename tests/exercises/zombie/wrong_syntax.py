# fails: ran crashed
if os.fork() == 0
    os._exit({{code}})
