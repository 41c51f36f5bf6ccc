//! Dockerfiles, line by line as BuildKit's parser reads them.
