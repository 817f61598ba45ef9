document.getElementById('glass').textContent = '30';
