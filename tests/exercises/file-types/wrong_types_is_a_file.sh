# fails: there no-folder
touch ~/work/types
