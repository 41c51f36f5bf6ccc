-- Runs inside of Neovim, 0.7 to today, with the configuration of editors/neovim.md as init.lua: what a person does, and
-- what has to be seen then. Ends Neovim with a status, and says on stderr what was wrong.

local PATIENCE = tonumber(vim.env.PATIENCE or "60") * 1000

local function fail(what)
  io.stderr:write(what .. "\n" .. debug.traceback() .. "\n")
  vim.cmd("cquit 1")
end

local function equal(seen, expected, what)
  if not vim.deep_equal(seen, expected) then
    fail(what .. "\n  seen: " .. vim.inspect(seen) .. "\n  expected: " .. vim.inspect(expected))
  end
end

-- The findings of the buffer, as `rule line:column-line:column`; Neovim counts bytes, from 0.
local function found()
  local list = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    equal({ it.source, it.severity }, { "hostfit", vim.diagnostic.severity.ERROR }, "source and severity")
    local code = it.code or it.user_data.lsp.code
    table.insert(list, string.format("%s %d:%d-%d:%d", code, it.lnum, it.col, it.end_lnum, it.end_col))
  end
  table.sort(list)
  return list
end

local function wait_for(expected, what)
  vim.wait(PATIENCE, function()
    return vim.deep_equal(found(), expected)
  end, 10)
  equal(found(), expected, what)
end

local function text()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

-- What is known of the place under the cursor, in a window of its own.
local function hovered()
  vim.lsp.buf.hover()
  local told
  vim.wait(PATIENCE, function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        told = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), "\n")
        vim.api.nvim_win_close(window, true)
      end
    end
    return told ~= nil
  end, 10)
  return told
end

-- Chooses the action of that title, as a person does in the list that Neovim shows.
local function act(title, only)
  local offered = {}
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      table.insert(offered, (options.format_item(item)))
      if options.format_item(item):find(title, 1, true) then
        return choose(item)
      end
    end
    choose(nil)
  end
  local before = text()
  -- 0.7 takes the context itself.
  local context = { only = only, diagnostics = {} }
  vim.lsp.buf.code_action(vim.fn.has("nvim-0.8") == 1 and { context = context } or context)
  vim.wait(PATIENCE, function()
    return not vim.deep_equal(text(), before)
  end, 10)
  equal(vim.deep_equal(text(), before), false, "`" .. title .. "` did nothing; offered: " .. vim.inspect(offered))
end

local function attached()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local names = {}
  for _, client in ipairs(get({ bufnr = 0 })) do
    if vim.lsp.buf_is_attached(0, client.id) then
      table.insert(names, client.name)
    end
  end
  return names
end

local function served_by(expected)
  vim.wait(PATIENCE, function()
    return vim.deep_equal(attached(), expected)
  end, 10)
  equal(attached(), expected, "the servers of " .. vim.fn.bufname())
end

local FROM = "FROM mcr.microsoft.com/windows/servercore:"

local function check()
  served_by({ "hostfit" })
  equal(vim.bo.fileformat, "dos", "the file has CRLF")
  wait_for({ "unknown-tag 1:42-1:46", "unknown-tag 3:42-3:46" }, "what is wrong in the Dockerfile")

  -- The quick fix under the cursor, undo, and the fix again.
  vim.api.nvim_win_set_cursor(0, { 2, 43 })
  act("ltsc2022", { "quickfix" })
  equal(text(), { "# é漢😀", FROM .. "ltsc2022 AS build", "RUN x", FROM .. "2022" }, "the first line is fixed")
  wait_for({ "unknown-tag 3:42-3:46" }, "the second one is still wrong")
  vim.cmd("undo")
  wait_for({ "unknown-tag 1:42-1:46", "unknown-tag 3:42-3:46" }, "what undo brings back")
  vim.cmd("redo")
  wait_for({ "unknown-tag 3:42-3:46" }, "what redo takes away")

  vim.api.nvim_win_set_cursor(0, { 2, 20 })
  local told = hovered()
  if not (told and told:find("Windows Server 2022", 1, true) and told:find("20348", 1, true)) then
    fail("hover tells " .. vim.inspect(told))
  end

  -- Typing: lines of wide text above, a tag that gets longer, lines joined and parted.
  vim.api.nvim_buf_set_lines(0, 1, 1, false, { "# 漢字 😀", "# é" })
  wait_for({ "unknown-tag 5:42-5:46" }, "it moves down")
  vim.api.nvim_buf_set_text(0, 0, 2, 0, 4, { "ü", "# " })
  wait_for({ "unknown-tag 6:42-6:46" }, "a line is parted")
  vim.api.nvim_buf_set_text(0, 6, 46, 6, 46, { "-x" })
  wait_for({ "unknown-tag 6:42-6:48" }, "the tag gets longer")
  vim.api.nvim_buf_set_text(0, 6, 46, 6, 48, { "" })
  wait_for({ "unknown-tag 6:42-6:46" }, "and shorter")
  vim.cmd("2,4delete")
  wait_for({ "unknown-tag 3:42-3:46" }, "it moves up")
  vim.api.nvim_buf_set_lines(0, 0, 1, false, { "# é漢😀" })

  -- All at once, and saved.
  vim.api.nvim_buf_set_text(0, 1, 42, 1, 50, { "2022" })
  wait_for({ "unknown-tag 1:42-1:46", "unknown-tag 3:42-3:46" }, "both are wrong again")
  if vim.fn.exists(":HostfitFixAll") == 2 then
    vim.cmd("HostfitFixAll")
  else
    act("fix all", { "source.fixAll.hostfit" })
  end
  wait_for({}, "all is fixed")
  equal(text(), { "# é漢😀", FROM .. "ltsc2022 AS build", "RUN x", FROM .. "ltsc2022" }, "both lines are fixed")
  vim.cmd("write")

  -- Where a variable comes from.
  vim.cmd("edit args.Dockerfile")
  vim.wait(PATIENCE, function()
    return #attached() > 0
  end, 10)
  -- Hints are there where the configuration switches them on, as it does for Neovim of today.
  if vim.fn.exists(":HostfitFixAll") == 2 then
    vim.wait(PATIENCE, function()
      return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0
    end, 10)
    local hint = vim.lsp.inlay_hint.get({ bufnr = 0 })[1]
    if not (hint and hint.inlay_hint.position.line == 2 and vim.inspect(hint.inlay_hint.label):find("ltsc2022", 1, true)) then
      fail("hints: " .. vim.inspect(hint))
    end
  end
  vim.api.nvim_win_set_cursor(0, { 3, 45 })
  vim.lsp.buf.definition()
  vim.wait(PATIENCE, function()
    return vim.api.nvim_win_get_cursor(0)[1] ~= 3
  end, 10)
  equal(vim.api.nvim_win_get_cursor(0)[1], 1, "the line of the definition of ${TAG}")

  -- Behind wide text; the same server.
  vim.cmd("edit compose.yaml")
  served_by({ "hostfit" })
  -- `  "é漢😀": {image: "` is 16 characters and 6 bytes more, the name before the tag 37 bytes.
  wait_for({ "unknown-tag 1:61-1:65" }, "what is wrong in the Compose file")

  -- What another program wrote is looked at when a file is saved: Neovim watches none here.
  vim.fn.writefile({ "[check]", 'ignore = ["unknown-tag"]' }, "hostfit.toml")
  vim.cmd("write")
  wait_for({}, "what the configuration on the disk ignores")
  vim.fn.writefile({}, "hostfit.toml")
  vim.cmd("write")
  wait_for({ "unknown-tag 1:61-1:65" }, "what it does not ignore any more")

  -- A chart: its values, its template, the fix.
  vim.cmd("edit cart/values.yaml")
  wait_for({ "unknown-tag 2:8-2:12" }, "what is wrong in the values of the chart")
  vim.cmd("edit cart/templates/cart.yaml")
  served_by({ "hostfit" })
  vim.api.nvim_win_set_cursor(0, { 8, 62 })
  told = hovered()
  if not (told and told:find("Values.image.tag", 1, true) and told:find("cart/values.yaml:3", 1, true)) then
    fail("hover tells of the value " .. vim.inspect(told))
  end
  vim.lsp.buf.definition()
  vim.wait(PATIENCE, function()
    return vim.fn.bufname():find("values.yaml", 1, true) ~= nil
  end, 10)
  equal(vim.api.nvim_win_get_cursor(0), { 3, 2 }, "the place of the key of the value")
  vim.api.nvim_win_set_cursor(0, { 3, 9 })
  act("ltsc2022", { "quickfix" })
  wait_for({}, "the values of the chart are fixed")
  vim.cmd("write")
  vim.cmd("edit compose.yaml")

  -- Another file that is open decides.
  vim.cmd("edit hostfit.toml")
  served_by({ "hostfit" })
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { "[check]", 'ignore = ["unknown-tag"]' })
  vim.cmd("write")
  vim.cmd("edit compose.yaml")
  wait_for({}, "what the configuration ignores")

  for _, file in ipairs({ "pod.yml", "a.Dockerfile", "Dockerfile.windows", "docker-bake.hcl", "daemon.json" }) do
    vim.cmd("edit " .. file)
    served_by({ "hostfit" })
  end
  for _, file in ipairs({ "other.json", "Cargo.toml", "a.lua" }) do
    vim.cmd("edit " .. file)
    served_by({})
  end
end

local ok, problem = xpcall(check, debug.traceback)
if not ok then
  fail(problem)
end
vim.cmd("qall!")
