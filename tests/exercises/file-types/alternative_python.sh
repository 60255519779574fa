echo 'import os, socket' > make.py
echo 'os.makedirs("types/{{directory}}"); os.chdir("types")' >> make.py
echo 'open("{{file}}", "w").close()' >> make.py
echo 'os.symlink("/etc/passwd", "{{link}}")' >> make.py
echo 'os.mkfifo("{{pipe}}")' >> make.py
echo 'listener = socket.socket(socket.AF_UNIX)' >> make.py
echo 'listener.bind("{{socket}}"); listener.listen(); listener.accept()' >> make.py
python3 make.py
