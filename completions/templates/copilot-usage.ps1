# PowerShell completion of copilot-usage: @generated@.
# It starts no process.

Register-ArgumentCompleter -Native -CommandName copilot-usage -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    Set-StrictMode -Off
    $exactly = [StringComparison]::Ordinal

    # Lists, because the keys of a hashtable are the same in upper and lower case.
    $tree = @{
@commands@
    }

    $length = [Math]::Max(0, $cursorPosition - $commandAst.Extent.StartOffset)
    $words = @($commandAst.Extent.Text.PadRight($length).Substring(0, $length) -split '\s+')
    $word = $words[-1]
    $command = 'copilot-usage'
    $option = $null
    $argument = 0
    $ended = $false
    for ($i = 1; $i -lt $words.Count - 1; $i++) {
        $each = $words[$i]
        if ($option) {
            $option = $null
        } elseif ($ended) {
            $argument++
        } elseif ($each -ceq '--') {
            $ended = $true
        } elseif ($each -like '-?*') {
            $option = $tree[$command].Options | Where-Object { $_.Names -ccontains $each -and $_.Kind -ne 'flag' }
        } elseif ($argument -eq 0 -and @($tree[$command].Commands | ForEach-Object { $_.Name }) -ccontains $each) {
            $command = "$command $each"
        } else {
            $argument++
        }
    }

    $head = ''
    if (-not $option -and -not $ended -and $word -match '^(--[^=]+)=') {
        $name = $Matches[1]
        $head = "$name="
        $option = $tree[$command].Options | Where-Object { $_.Names -ccontains $name }
    }

    $offers = @()
    $value = $option
    if (-not $option -and -not $head) {
        if (-not $ended -and $word -like '-*') {
            foreach ($each in $tree[$command].Options) {
                $offers += $each.Names | ForEach-Object { @{ Text = $_; Type = 'ParameterName'; Help = $each.Help } }
            }
        } else {
            if ($argument -eq 0) {
                foreach ($each in $tree[$command].Commands) {
                    $offers += @{ Text = $each.Name; Type = 'Command'; Help = $each.Help }
                }
            }
            $arguments = @($tree[$command].Arguments)
            if ($argument -lt $arguments.Count) {
                $value = $arguments[$argument]
            } elseif ($arguments.Count -and $arguments[-1].Many) {
                $value = $arguments[-1]
            }
        }
    }

    if ($value.Kind -eq 'words') {
        $offers += $value.Words | ForEach-Object { @{ Text = "$head$_"; Type = 'ParameterValue'; Help = $_ } }
    } elseif ($value.Kind -eq 'parts') {
        $list = $word.Substring($head.Length) -replace '[^,]*$', ''
        $taken = @($list -split ',')
        if (@($value.Once | Where-Object { $taken -ccontains $_ }).Count) {
            $taken += $value.Once
        }
        $offers += $value.Words | Where-Object { $taken -cnotcontains $_ } | ForEach-Object {
            @{ Text = "$head$list$_"; Type = 'ParameterValue'; Help = $_ }
        }
    } elseif ($value.Kind -eq 'file') {
        $typed = $word.Substring($head.Length)
        $offers += [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed) | ForEach-Object {
            @{ Text = "$head$($_.CompletionText)"; Type = 'ProviderItem'; Help = $_.ToolTip; File = $true }
        }
    }

    # PowerShell ends words at commas, too: it wants what is left of ours after the part that it keeps.
    $kept = ''
    if ($word.EndsWith($wordToComplete, $exactly)) {
        $kept = $word.Substring(0, $word.Length - $wordToComplete.Length)
    }
    $found = @($offers | Where-Object { $_.File -or ($_ -and $_.Text.StartsWith($word, $exactly)) } | ForEach-Object {
        $text = $_.Text
        if ($text.StartsWith($kept, $exactly)) {
            $text = $text.Substring($kept.Length)
        }
        $help = if ($_.Help) { $_.Help } else { $text }
        [System.Management.Automation.CompletionResult]::new($text, $text, $_.Type, $help)
    })
    if ($found.Count) {
        $found
    } else {
        ''  # nothing at all would make PowerShell offer files
    }
}
