;;; check.el --- what a person does in Emacs  -*- lexical-binding: t -*-

;; Runs in a batch Emacs that has the configuration of editors/emacs.md: opens files, waits for what has to be seen, has it
;; fixed.  Ends Emacs with a status, and says on stderr what was wrong.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'flymake)

(defconst patience (string-to-number (or (getenv "PATIENCE") "60")) "Seconds that nothing waits for unless in vain.")

;; Nobody types in a batch Emacs: what waits until nobody does is done at once.
(setq eglot-send-changes-idle-time 0
      flymake-no-changes-timeout nil)

(defun wait-until (holds what)
  "Wait until HOLDS gives something, or fail and say WHAT was seen."
  (let ((end (+ (float-time) patience)) seen)
    (while (not (setq seen (funcall holds)))
      (when (> (float-time) end)
        (error "After %s s: %s" patience (funcall what)))
      ;; The command loop would do so.
      (run-hooks 'post-command-hook)
      (when eglot--managed-mode
        (eglot--signal-textDocument/didChange)
        (flymake-start))
      ;; Reads what the server says, and what happened to files.
      (read-event nil nil 0.02))
    seen))

(defun marked (start end)
  "The text from START to END; an old mark may stand behind the end of the buffer."
  (and (<= end (point-max)) (buffer-substring-no-properties start end)))

(defun found ()
  "What is found in this buffer: the bytes that are marked, the type and the text, in order."
  (mapcar (lambda (it)
            (list (flymake-diagnostic-beg it)
                  (marked (flymake-diagnostic-beg it) (flymake-diagnostic-end it))
                  (flymake-diagnostic-type it)
                  (car (split-string (flymake-diagnostic-text it) ":"))))
          (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b))))))

(defun place (n tag)
  "Where TAG stands as the Nth image of this buffer."
  (save-excursion
    (goto-char (point-min))
    (dotimes (_ n) (search-forward "windows/servercore:"))
    (unless (looking-at-p (regexp-quote tag)) (error "There is no %s in %S" tag (buffer-string)))
    (point)))

(defun expect (&rest numbers)
  "Wait until exactly the tags `2022' of the images of these NUMBERS are marked."
  (let* ((one (lambda (n) (list (place n "2022") "2022" 'eglot-error "hostfit [unknown-tag]")))
         (expected (mapcar one numbers)))
    (wait-until (lambda () (equal (found) expected))
                (lambda () (format "%s has\n  %S\nand not\n  %S" (buffer-name) (found) expected)))))

(defconst root default-directory "The repository.")

(defun visit (file)
  "Open FILE of the repository and wait for its server."
  (find-file (expand-file-name file root))
  (wait-until #'eglot-managed-p (lambda () (format "%s has no server" file))))

(defun equal-or-fail (seen expected)
  "Fail unless SEEN is EXPECTED."
  (unless (equal seen expected) (error "Seen:\n  %S\nexpected:\n  %S" seen expected)))

(defconst dockerfile "# é漢😀\nFROM mcr.microsoft.com/windows/servercore:2022 AS build\nRUN x\nFROM mcr.microsoft.com/windows/servercore:2022\n")

(defun check ()
  "All of it."
  (visit "web/Dockerfile")
  (equal-or-fail (buffer-string) dockerfile)
  (expect 1 2)

  ;; The quick fix that Emacs proposes, undo, and it again.
  (goto-char (place 1 "2022"))
  ;; What was typed last was no click, so Emacs asks by name, and its proposal is taken.
  (let ((last-nonmenu-event ?\r))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt titles &rest rest)
                 (unless (assoc "ignore `unknown-tag` here" titles) (error "Offered: %S" titles))
                 (car (last rest)))))
      (eglot-code-actions (point) nil nil t)))
  (goto-char (place 1 "ltsc2022"))
  (equal-or-fail (buffer-string) (string-replace "2022 AS" "ltsc2022 AS" dockerfile))
  (expect 2)
  ;; The command loop would part commands.
  (undo-boundary)
  (undo)
  (equal-or-fail (buffer-string) dockerfile)
  (expect 1 2)

  ;; What is offered behind the colon, newest first.
  (goto-char (place 1 "2022"))
  (let* ((table (nth 2 (eglot-completion-at-point)))
         (tags (mapcar #'substring-no-properties (all-completions "" table))))
    (unless (and (member "ltsc2022" tags) (not (member "latest" tags))) (error "Completion offers %S" tags)))

  ;; Typing: lines of wide text above, a tag that gets longer and shorter.
  (goto-char (point-min))
  (insert "# 漢字 😀\n# é")
  (expect 1 2)
  (goto-char (place 2 "2022"))
  (insert "ltsc")
  (expect 1)
  (delete-char -4)
  (expect 1 2)
  (goto-char (point-min))
  (delete-char (length "# 漢字 😀\n# é"))
  (expect 1 2)

  ;; All at once, and saved as it was: with CRLF.
  (hostfit-fix-all)
  (expect)
  (equal-or-fail (buffer-string) (string-replace "2022" "ltsc2022" dockerfile))
  (save-buffer)

  ;; Behind wide text.
  (visit "compose.yaml")
  (expect 1)

  ;; Another program writes the file that decides.
  (let ((default-directory root))
    (call-process "sh" nil nil nil "-c" "echo '[check]' > hostfit.toml; echo 'ignore = [\"unknown-tag\"]' >> hostfit.toml"))
  (expect)

  (visit "hostfit.toml")
  (equal-or-fail eglot-server-programs (list hostfit-server))
  (find-file (expand-file-name "other.txt" root))
  (when (or (eglot-managed-p) (local-variable-p 'eglot-server-programs)) (error "Hostfit looks at other files too"))

  (with-current-buffer (find-buffer-visiting (expand-file-name "web/Dockerfile" root))
    (eglot-shutdown (eglot-current-server))))

(condition-case problem
    (check)
  (error
   (message "FAILED: %s" (error-message-string problem))
   (dolist (buffer (buffer-list))
     (when (string-match-p "EGLOT.*\\(events\\|stderr\\)" (buffer-name buffer))
       (message "%s" (with-current-buffer buffer (buffer-substring (max (point-min) (- (point-max) 3000)) (point-max))))))
   (kill-emacs 1)))

;;; check.el ends here
